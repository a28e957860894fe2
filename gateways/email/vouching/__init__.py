"""Who vouches for a mail: SPF, DKIM, DMARC, ARC and what other servers found out."""
