"""auto-answer: a vote on agents' prompts, by the user's rules."""
