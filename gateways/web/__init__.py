"""Every other channel: partners bring messages by HTTP, and hear by webhooks what is for their customers."""
