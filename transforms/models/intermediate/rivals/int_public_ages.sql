select
    workspace_id,
    platform,
    account_id,
    post_id,
    max(case when age_hours = 24 then value end) as engagements_public_24h,
    max(case when age_hours = 72 then value end) as engagements_public_72h,
    max(case when age_hours = 168 then value end) as engagements_public_7d,
    max(case when age_hours = 672 then value end) as engagements_public_28d,
    max(case when age_hours = 672 then basis end) as basis_28d
from {{ ref('int_post_metrics_at_age') }}
where metric = 'engagements_public'
group by workspace_id, platform, account_id, post_id
