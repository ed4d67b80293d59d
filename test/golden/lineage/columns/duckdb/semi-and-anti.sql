select name, version from sample_plan semi join sample on sample.plan_name = sample_plan.name anti join product using (product_id)
