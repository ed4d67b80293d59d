select p.plan_id, p.name, r.value from plan p asof left join reading r on r.site_id = p.site_id and p.created >= r.at
