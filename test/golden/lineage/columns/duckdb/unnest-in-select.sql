select name, unnest(string_split(description, ' ')) as word from sample_plan
