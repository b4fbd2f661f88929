// machine/statistics
