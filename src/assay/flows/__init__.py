"""What each command does, in order: one module a command. Flows call rooms with the ports that the workspace opened."""
