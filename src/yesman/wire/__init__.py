"""What travels between processes: frames and message shapes. No I/O, standard library only."""
