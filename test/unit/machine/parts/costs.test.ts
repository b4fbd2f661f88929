// machine/costs
