// Workers that die, and machines that are disposed at any time.
