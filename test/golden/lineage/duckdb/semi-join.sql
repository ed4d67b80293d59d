select plan_id, name from plan p semi join reading r on r.site_id = p.site_id anti join plan_step s using (plan_id)
