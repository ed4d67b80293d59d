select p.plan_id, p.site_id, r.at from plan p join reading r on r.site_id = p.site_id where r.at is not null
