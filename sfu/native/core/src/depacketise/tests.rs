use super::*;

fn whole(codec: Codec, payloads: &[&[u8]]) -> Option<Whole> {
    let mut parts = Parts::new(H264Form::AnnexB);
    let mut fits = true;
    for (at, payload) in payloads.iter().enumerate() {
        fits &= parts.push(codec, payload, at == 0).is_some();
    }
    parts.finish().filter(|_| fits)
}

fn frame(is_keyframe: bool, data: &[u8]) -> Option<Whole> {
    let data = data.to_vec();
    Some(Whole { is_keyframe, data })
}

#[test]
fn obus_cut_anywhere_come_whole_and_with_their_lengths() {
    // A delimiter, a sequence header, and a frame in three parts, of which one is an element of its own.
    let payloads: [&[u8]; 3] = [
        &[0x78, 1, 0x10, 3, 0x08, 7, 8, 0x30, 0x10],
        &[0xD0, 1, 2, 3],
        &[0xA0, 1, 4, 0x30, 0x30, 5],
    ];
    let data = [0x0A, 2, 7, 8, 0x32, 5, 0x10, 1, 2, 3, 4, 0x32, 2, 0x30, 5];
    assert_eq!(whole(Codec::Av1, &payloads), frame(true, &data));
    assert_eq!(
        whole(Codec::Av1, &[&[0x10, 0x30, 0x30, 9]]),
        frame(false, &[0x32, 2, 0x30, 9])
    );
}

#[test]
fn a_length_that_an_obu_has_is_kept_and_a_wrong_one_breaks_the_frame() {
    assert_eq!(
        whole(Codec::Av1, &[&[0x10, 0x36, 0x08, 2, 0x30, 9, 0, 0]]),
        frame(false, &[0x36, 0x08, 2, 0x30, 9])
    );
    assert_eq!(whole(Codec::Av1, &[&[0x10, 0x32, 3, 0x30, 9]]), None);
    let long = [&[0x10, 0x30, 0x30][..], &[9; 299]].concat();
    let expected = [&[0x32, 0xAC, 0x02, 0x30][..], &[9; 299]].concat();
    assert_eq!(whole(Codec::Av1, &[&long]), frame(false, &expected));
}

#[test]
fn an_obu_without_its_beginning_middle_or_end_is_no_frame() {
    let (first, middle, last): (&[u8], &[u8], &[u8]) = (&[0x50, 0x30, 0x30], &[0xD0, 1], &[0x90, 2]);
    assert!(whole(Codec::Av1, &[first, middle, last]).is_some());
    for cut in [
        &[middle, last][..],
        &[first, middle],
        &[last],
        &[first, first],
        &[first],
    ] {
        assert_eq!(whole(Codec::Av1, cut), None, "{cut:02x?}");
    }
    for wrong in [
        &[0x10][..],
        &[0x00],
        &[0x20, 9, 0x30],
        &[0x10, 0xB0, 1],
        &[0x10, 0x34],
    ] {
        assert_eq!(whole(Codec::Av1, &[wrong]), None, "{wrong:02x?}");
    }
}

#[test]
fn a_keyframe_needs_its_sequence_header() {
    let key = whole(Codec::Av1, &[&[0x18, 0x30, 0x10]]).unwrap();
    assert!(!key.is_keyframe);
}

#[test]
fn vp9_of_one_layer_is_what_its_packets_hold() {
    let payloads: [&[u8]; 2] = [&[0x88, 5, 0x82, 1], &[0x84, 5, 2, 3]];
    assert_eq!(whole(Codec::Vp9, &payloads), frame(true, &[0x82, 1, 2, 3]));
    assert_eq!(whole(Codec::Vp9, &[&[0x4C, 0x86, 1]]), frame(false, &[0x86, 1]));
}

#[test]
fn vp9_layers_are_one_picture_with_an_index() {
    let base: &[u8] = &[0x2C, 0x00, 9, 0x82, 1, 2];
    let upper: [&[u8]; 2] = [&[0x28, 0x03, 9, 0x86], &[0x24, 0x03, 9, 4, 5, 6]];
    assert_eq!(
        whole(Codec::Vp9, &[base, upper[0], upper[1]]),
        frame(true, &[0x82, 1, 2, 0x86, 4, 5, 6, 0xC1, 3, 4, 0xC1])
    );
    let large = [&[0x2C, 0x03, 9][..], &[7; 300]].concat();
    let made = whole(Codec::Vp9, &[base, &large]).unwrap();
    assert_eq!(made.data[303..], [0xC9, 3, 0, 44, 1, 0xC9]);
}

#[test]
fn a_picture_without_its_base_or_with_a_torn_layer_is_none() {
    let (base, upper): (&[u8], &[u8]) = (&[0x2C, 0x00, 9, 0x82], &[0x2C, 0x03, 9, 0x86]);
    for cut in [
        &[upper][..],
        &[base, &[0x28, 0x03, 9, 0x86]],
        &[base, &[0x24, 0x03, 9, 1]],
        &[&[0x08]],
    ] {
        assert_eq!(whole(Codec::Vp9, cut), None, "{cut:02x?}");
    }
    let nine = [&[base][..], &[upper; 8]].concat();
    assert_eq!(whole(Codec::Vp9, &nine), None);
}
