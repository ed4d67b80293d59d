select p.plan_id, p.name, r.value from plan p join reading r on r.site_id = p.site_id
