select s.site_id.x as a, plan.owner_id.name as b from site s, plan
