"""What a ticket is, what can happen to it, and what people may do with it."""
