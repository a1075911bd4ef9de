select
    workspace_id,
    platform,
    account_id,
    account_name,
    post_id,
    content_type,
    title,
    body,
    url,
    published_at,
    published_local,
    published_date,
    local_weekday,
    local_hour,
    observed_at,
    age_hours,
    topic,
    {%- for metric in wide_metrics() + wide_rates() %}
    {{ metric }},
    {%- endfor %}
    engagements_public_28d,
    basis_28d,
    percentile_28d
from {{ ref('int_post_summary') }}
where owner = 'own'
