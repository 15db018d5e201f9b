"""Running PromptReady on one machine: the local host and the sandbox provider. Not deployed."""
