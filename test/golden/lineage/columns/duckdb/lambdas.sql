select list_transform(string_split(description, ','), x -> x || product_id) as parts, [p for p in string_split(name, '-') if p <> status] as words from sample_plan
