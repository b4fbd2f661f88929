// A device that lies: always a finding, never a crash or a hang.
