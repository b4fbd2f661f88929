// machine/event-log
