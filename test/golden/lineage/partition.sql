select x.plan_id from plan partition (p2024) x
