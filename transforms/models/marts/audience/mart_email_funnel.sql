with periods as (
    select 'week' as period
    union all
    select 'month' as period
),

campaigns as (
    select
        posts.workspace_id,
        posts.platform,
        posts.account_id,
        posts.account_name,
        posts.post_id,
        periods.period,
        case
            when periods.period = 'week' then cast(date_trunc('week', posts.published_local) as date)
            else posts.published_month
        end as period_start
    from {{ ref('int_posts') }} as posts
    cross join periods
    where posts.platform = 'email' and posts.owner = 'own' and posts.published_local is not null
),

counts as (
    select
        workspace_id,
        platform,
        account_id,
        max(account_name) as account_name,
        period,
        period_start,
        count(*) as campaigns
    from campaigns
    group by workspace_id, platform, account_id, period, period_start
),

measures as (
    select
        campaigns.workspace_id, campaigns.platform, campaigns.account_id, campaigns.period, campaigns.period_start,
        measures.measure, measures.value, measures.additive_posts
    from {{ ref('int_post_measures') }} as measures
    inner join campaigns
        on
            measures.workspace_id = campaigns.workspace_id
            and measures.platform = campaigns.platform
            and measures.account_id = campaigns.account_id
            and measures.post_id = campaigns.post_id
    where measures.platform = 'email'
),

sums as (
    select
        workspace_id,
        platform,
        account_id,
        period,
        period_start,
        {{- additive_sums([
            'emails_sent', 'bounces', 'delivered', 'opens', 'machine_opens', 'confirmed_opens',
            'clicks', 'unique_clicks', 'unsubscribes', 'spam_complaints',
        ]) }}
    from measures
    group by workspace_id, platform, account_id, period, period_start
),

rates as (
    -- Σ numerator ÷ Σ denominator over the campaigns where both are known
    select
        campaigns.workspace_id,
        campaigns.platform,
        campaigns.account_id,
        campaigns.period,
        campaigns.period_start,
        rates.rate,
        count(*) as campaigns_with_rate,
        round({{ ratio(exact_sum('rates.numerator'), exact_sum('rates.denominator')) }}, 9) as value
    from {{ ref('int_post_rates') }} as rates
    inner join campaigns
        on
            rates.workspace_id = campaigns.workspace_id
            and rates.platform = campaigns.platform
            and rates.account_id = campaigns.account_id
            and rates.post_id = campaigns.post_id
    where rates.platform = 'email' and rates.has_both
    group by
        campaigns.workspace_id, campaigns.platform, campaigns.account_id, campaigns.period, campaigns.period_start,
        rates.rate
),

wide_rates as (
    select
        workspace_id,
        platform,
        account_id,
        period,
        period_start,
        {%- for name in [
            'raw_open_rate', 'confirmed_open_rate', 'corrected_open_rate', 'click_rate',
            'click_to_open_rate', 'click_to_confirmed_open_rate', 'bounce_rate',
            'unsubscribe_rate', 'complaint_rate',
        ] %}
        max(case when rate = '{{ name }}' then value end) as {{ name }},
        max(case when rate = '{{ name }}' then campaigns_with_rate end) as {{ name }}_campaigns
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from rates
    group by workspace_id, platform, account_id, period, period_start
)

select
    counts.workspace_id,
    counts.platform,
    counts.account_id,
    counts.account_name,
    counts.period,
    counts.period_start,
    counts.campaigns,
    sums.emails_sent,
    sums.bounces,
    sums.delivered,
    sums.opens,
    sums.machine_opens,
    sums.confirmed_opens,
    sums.clicks,
    sums.unique_clicks,
    sums.unsubscribes,
    sums.spam_complaints,
    wide_rates.raw_open_rate,
    -- coverage is a share of campaigns: without one that has both parts it is 0
    case when wide_rates.raw_open_rate_campaigns is null then 0 else round(wide_rates.raw_open_rate_campaigns / counts.campaigns, 9) end
        as coverage_raw_open_rate,
    wide_rates.confirmed_open_rate,
    case when wide_rates.confirmed_open_rate_campaigns is null then 0 else round(wide_rates.confirmed_open_rate_campaigns / counts.campaigns, 9) end
        as coverage_confirmed_open_rate,
    wide_rates.corrected_open_rate,
    case when wide_rates.corrected_open_rate_campaigns is null then 0 else round(wide_rates.corrected_open_rate_campaigns / counts.campaigns, 9) end
        as coverage_corrected_open_rate,
    wide_rates.click_rate,
    case when wide_rates.click_rate_campaigns is null then 0 else round(wide_rates.click_rate_campaigns / counts.campaigns, 9) end
        as coverage_click_rate,
    wide_rates.click_to_open_rate,
    case when wide_rates.click_to_open_rate_campaigns is null then 0 else round(wide_rates.click_to_open_rate_campaigns / counts.campaigns, 9) end
        as coverage_click_to_open_rate,
    wide_rates.click_to_confirmed_open_rate,
    case when wide_rates.click_to_confirmed_open_rate_campaigns is null then 0 else round(wide_rates.click_to_confirmed_open_rate_campaigns / counts.campaigns, 9) end
        as coverage_click_to_confirmed_open_rate,
    wide_rates.bounce_rate,
    case when wide_rates.bounce_rate_campaigns is null then 0 else round(wide_rates.bounce_rate_campaigns / counts.campaigns, 9) end
        as coverage_bounce_rate,
    wide_rates.unsubscribe_rate,
    case when wide_rates.unsubscribe_rate_campaigns is null then 0 else round(wide_rates.unsubscribe_rate_campaigns / counts.campaigns, 9) end
        as coverage_unsubscribe_rate,
    wide_rates.complaint_rate,
    case when wide_rates.complaint_rate_campaigns is null then 0 else round(wide_rates.complaint_rate_campaigns / counts.campaigns, 9) end
        as coverage_complaint_rate
from counts
left join sums
    on
        counts.workspace_id = sums.workspace_id
        and counts.platform = sums.platform
        and counts.account_id = sums.account_id
        and counts.period = sums.period
        and counts.period_start = sums.period_start
left join wide_rates
    on
        counts.workspace_id = wide_rates.workspace_id
        and counts.platform = wide_rates.platform
        and counts.account_id = wide_rates.account_id
        and counts.period = wide_rates.period
        and counts.period_start = wide_rates.period_start
