// machine/host-runner
