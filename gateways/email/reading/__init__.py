"""What a mail says: its text and files, what its writer wrote now, and whether a person or a machine wrote it."""
