"""Who drains what, where and when: two runners behind `wake` and `drain`, over one ledger."""
