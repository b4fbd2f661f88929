// machine/hit-condition
