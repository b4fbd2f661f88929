// machine/traffic
