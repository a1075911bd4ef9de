select
    workspace_id,
    platform,
    account_id,
    post_id,
    metric,
    cast(age_hours as integer) as age_hours,
    value,
    basis,
    reading_before_hours,
    reading_after_hours
from {{ ref('int_post_metrics_at_age') }}
where owner = 'own'
