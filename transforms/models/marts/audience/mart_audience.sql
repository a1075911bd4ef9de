with readings as (
    select
        observations.workspace_id,
        observations.platform,
        observations.account_id,
        observations.owner,
        cast({{ local_time('observations.period_end', 'workspaces.zone') }} as date) as day,
        {{ segment_dimension('observations.entity_id') }} as dimension,
        {{ segment_value('observations.entity_id') }} as segment,
        observations.metric,
        observations.value,
        observations.state,
        observations.period_end,
        observations.observed_at,
        observations.batch_id,
        observations.source_line
    from {{ ref('int_account_observations') }} as observations
    left join {{ ref('stg_workspace') }} as workspaces
        on observations.workspace_id = workspaces.workspace_id
    where
        observations.entity_type = 'audience'
        and observations.metric in ('audience_followers', 'audience_share')
),

judged as (
    select
        workspace_id, platform, account_id, owner, day, dimension, segment, metric, value, state, period_end,
        observed_at, batch_id, source_line,
        min(case when state = 'observed' then 1 else 2 end) over (
            partition by workspace_id, platform, account_id, dimension, metric, day, period_end, observed_at
        ) as lacking
    from readings
    where dimension is not null
),

last_of_day as (
    -- the segments of a dimension come from one reading, the day's last with a number in it: a segment that is no longer
    -- listed does not live on from a reading before
    select
        workspace_id, platform, account_id, owner, day, dimension, segment, metric, value, state, period_end, batch_id,
        source_line
    from judged
    qualify
        dense_rank() over (
            partition by workspace_id, platform, account_id, dimension, metric, day
            order by lacking, period_end desc, observed_at desc
        ) = 1
),

distinct_segments as (
    select workspace_id, platform, account_id, owner, day, dimension, segment, metric, value, state, period_end
    from last_of_day
    qualify
        row_number() over (
            partition by workspace_id, platform, account_id, dimension, metric, day, segment
            order by
                case when state = 'observed' then 1 else 2 end, batch_id desc, source_line desc, value desc, state
        ) = 1
),

segments as (
    select
        workspace_id,
        platform,
        account_id,
        max(owner) as owner,
        day,
        dimension,
        segment,
        max(period_end) as reading_at,
        max(case when metric = 'audience_followers' then value end) as followers,
        max(case when metric = 'audience_followers' then state end) as followers_state,
        round(max(case when metric = 'audience_share' then value end), 9) as share_percent,
        max(case when metric = 'audience_share' then state end) as share_percent_state
    from distinct_segments
    group by workspace_id, platform, account_id, day, dimension, segment
),

dimensions as (
    select
        workspace_id,
        platform,
        account_id,
        day,
        dimension,
        {{ exact_sum('followers') }} as dimension_followers
    from segments
    group by workspace_id, platform, account_id, day, dimension
),

accounts as (
    select workspace_id, platform, account_id, reading_date as day, followers as account_followers
    from {{ ref('int_follower_readings') }}
    qualify
        row_number() over (partition by workspace_id, platform, account_id, reading_date order by reading_at desc) = 1
),

names as (
    select workspace_id, platform, account_id, max(account_name) as account_name
    from {{ ref('int_posts') }}
    group by workspace_id, platform, account_id
),

placed as (
    select
        workspace_id, platform, account_id, owner, day, dimension, segment, reading_at, followers, followers_state,
        share_percent, share_percent_state,
        rank() over (
            partition by workspace_id, platform, account_id, day, dimension
            order by followers desc nulls last, share_percent desc nulls last
        ) as place,
        max(case when followers is not null or share_percent is not null then day end) over (
            partition by workspace_id, platform, account_id, dimension
        ) as newest_known_day,
        max(day) over (partition by workspace_id, platform, account_id, dimension) as newest_day
    from segments
)

select
    placed.workspace_id,
    placed.platform,
    placed.account_id,
    names.account_name,
    placed.owner,
    placed.day,
    placed.dimension,
    placed.segment,
    placed.reading_at,
    placed.followers,
    placed.followers_state,
    placed.share_percent,
    placed.share_percent_state,
    case when placed.followers is not null or placed.share_percent is not null then placed.place end as segment_rank,
    round({{ ratio('placed.followers', 'dimensions.dimension_followers') }}, 9) as share_of_dimension,
    dimensions.dimension_followers,
    accounts.account_followers,
    round({{ ratio('placed.followers', 'accounts.account_followers') }}, 9) as share_of_account,
    round({{ ratio('dimensions.dimension_followers', 'accounts.account_followers') }}, 9) as dimension_coverage,
    placed.day = coalesce(placed.newest_known_day, placed.newest_day) as is_newest
from placed
inner join dimensions
    on
        placed.workspace_id = dimensions.workspace_id
        and placed.platform = dimensions.platform
        and placed.account_id = dimensions.account_id
        and placed.day = dimensions.day
        and placed.dimension = dimensions.dimension
left join accounts
    on
        placed.workspace_id = accounts.workspace_id
        and placed.platform = accounts.platform
        and placed.account_id = accounts.account_id
        and placed.day = accounts.day
left join names
    on
        placed.workspace_id = names.workspace_id
        and placed.platform = names.platform
        and placed.account_id = names.account_id
