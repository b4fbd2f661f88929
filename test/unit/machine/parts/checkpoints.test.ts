// machine/checkpoints
