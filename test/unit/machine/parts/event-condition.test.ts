// machine/event-condition
