select a from loop_v
