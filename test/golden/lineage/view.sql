select v.* from plan_v v
