"""Mail that leaves: composed, signed, and handed to the next server."""
