select p.plan_id as id, p.name plan_name, p.created from plan as p where p.site_id = 7
