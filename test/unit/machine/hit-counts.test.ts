// Hit counts from the start of the run, output once, and conditions that are false many times.
