"""What a mail is made of: fields, parameters, addresses, charsets, parts and packings, found in raw bytes."""
