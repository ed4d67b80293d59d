select lims.plan.name, lims.plan.plan_id from lims.plan
