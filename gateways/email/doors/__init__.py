"""Where mail is handed to us: SMTP, LMTP and submission; 250 only for what is kept."""
