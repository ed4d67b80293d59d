select plan_id, name from plan where site_id = 1 union all select plan_id, name from plan where site_id = 2
