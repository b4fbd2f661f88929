// machine/heap
