"""How a message leaves this machine: as a web request, as a mail, or for the desktop. Nothing here reads a store."""
