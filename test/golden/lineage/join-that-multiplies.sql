select p.plan_id, r.value from plan p join reading r on r.site_id = p.site_id
