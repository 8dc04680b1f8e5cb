"""What the controller does to a fleet: it writes what is to run, has it rolled out, watches, and takes it back."""
