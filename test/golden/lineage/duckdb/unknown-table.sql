select p.name, x.a from plan p join nowhere x on x.id = p.plan_id
