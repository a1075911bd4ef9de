with at_28_days as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        value as engagements_public_28d,
        basis as basis_28d,
        count(*) over (partition by workspace_id, platform, account_id) as posts_compared,
        percent_rank() over (partition by workspace_id, platform, account_id order by value) as percentile
    from {{ ref('int_post_metrics_at_age') }}
    where metric = 'engagements_public' and age_hours = {{ equal_ages() | last }}
)

select
    workspace_id,
    platform,
    account_id,
    post_id,
    engagements_public_28d,
    basis_28d,
    case when posts_compared >= 5 then round(percentile, 9) end as percentile_28d
from at_28_days
