with posts as (
    select * from {{ ref('int_post_performance') }}
),

spans as (
    select workspace_id, platform, pillar, min(week) as first_week, max(week) as last_week
    from posts
    group by workspace_id, platform, pillar
),

{{ weekly_performance(['workspace_id', 'platform', 'pillar'], ['workspace_id', 'platform']) }}

select
    workspace_id,
    platform,
    pillar,
    {{ weekly_columns() | join(',\n    ') }}
from weekly
