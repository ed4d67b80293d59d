select p.plan_id as id, p.name "Plan name", lims.plan.created from plan p, lims.plan
